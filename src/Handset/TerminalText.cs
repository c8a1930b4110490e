using System.Text;

namespace Pocketvisor.Handsets;

/// <summary>
/// Makes plain text of what a console said: escape sequences and carriage returns are dropped, other control characters too. It keeps the
/// state between pieces, because a sequence or a character may be cut anywhere.
/// </summary>
public sealed class TerminalText
{
    private readonly Decoder _decoder = Encoding.UTF8.GetDecoder();
    private State _state;

    private enum State
    {
        Text,
        Escape,      // after ESC
        Control,     // after ESC [: up to a byte from @ to ~
        Command,     // after ESC ]: up to BEL or ESC \
        CommandEnd,  // after ESC in a command
    }

    /// <summary>The text in the next piece.</summary>
    public string Next(ReadOnlySpan<byte> bytes)
    {
        Span<char> characters = new char[_decoder.GetCharCount(bytes, flush: false)];
        _decoder.GetChars(bytes, characters, flush: false);
        var text = new StringBuilder(characters.Length);
        foreach (var c in characters)
        {
            switch (_state)
            {
                case State.Text when c == '\u001b':
                    _state = State.Escape;
                    break;
                case State.Text:
                    if (c is '\n' or '\t' || !char.IsControl(c))
                        text.Append(c);
                    break;
                case State.Escape:
                    _state = c switch { '[' => State.Control, ']' => State.Command, _ => State.Text };
                    break;
                case State.Control when c is >= '@' and <= '~':
                case State.Command when c is '\a':
                case State.CommandEnd:
                    _state = State.Text;
                    break;
                case State.Command when c is '\u001b':
                    _state = State.CommandEnd;
                    break;
            }
        }
        return text.ToString();
    }
}
