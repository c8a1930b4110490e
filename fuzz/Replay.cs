using System;
using System.Diagnostics;
using System.Linq;
using System.Threading.Tasks;

namespace Pocketvisor.Fuzz;

/// <summary>Runs one input, and says in a line what it broke and where.</summary>
public static class Replay
{
    public const string Nothing = "nothing";

    private static readonly TimeSpan s_hang = TimeSpan.FromSeconds(10);

    public static string Run(string target, byte[] input)
    {
        try
        {
            return Task.Run(() => Targets.Create(target).Run(input)).Wait(s_hang) ? Nothing : $"It still runs after {s_hang.TotalSeconds:0} s.";
        }
        catch (AggregateException e)
        {
            Exception found = e.Flatten().InnerExceptions[0];
            StackFrame[] frames = new StackTrace(found, fNeedFileInfo: true).GetFrames();
            // The place that is ours: what threw may be a fake.
            StackFrame place = frames.FirstOrDefault(frame => frame.GetMethod()?.DeclaringType?.FullName is { } type && type.StartsWith("Pocketvisor.") && !type.Contains(".Tests.") && !type.StartsWith("Pocketvisor.Fuzz.")) ?? frames.FirstOrDefault();
            string text = string.Join(' ', found.Message.Split((char[])['\n', '\r', '\t'], StringSplitOptions.RemoveEmptyEntries));
            return found is FoundException ? text : $"{found.GetType().Name}: {text} at {place?.GetMethod()?.DeclaringType?.Name}.{place?.GetMethod()?.Name}:{place?.GetFileLineNumber()}";
        }
    }
}
