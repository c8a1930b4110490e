using System;
using System.Runtime.CompilerServices;

namespace Pocketvisor.Hypervisor.Tests.Ownership;

/// <summary>What must hold, checked so often that the sentence may be made only when it doesn't.</summary>
internal static class Requirement
{
    public static void Require(bool holds, [InterpolatedStringHandlerArgument(nameof(holds))] ref Sentence sentence)
    {
        if (!holds) throw new InvalidOperationException(sentence.Text);
    }

    public static void Require(bool holds, string sentence)
    {
        if (!holds) throw new InvalidOperationException(sentence);
    }

    [InterpolatedStringHandler]
    internal ref struct Sentence
    {
        private DefaultInterpolatedStringHandler _text;

        public Sentence(int literals, int values, bool holds, out bool isWanted)
        {
            isWanted = !holds;
            _text = holds ? default : new(literals, values);
        }

        public string Text => _text.ToStringAndClear();

        public void AppendLiteral(string literal) => _text.AppendLiteral(literal);

        public void AppendFormatted<T>(T value, string format = null) => _text.AppendFormatted(value, format);
    }
}
