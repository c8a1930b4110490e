using System;
using System.IO;
using Pocketvisor.Fuzz;
using SharpFuzz;

// `pocket fuzz` starts this; see docs/fuzzing.md.
switch (args)
{
    case ["seeds", var name, var folder]:
        int number = 0;
        foreach (byte[] seed in Targets.Create(name).Seeds) File.WriteAllBytes(Path.Combine(folder, $"seed-{number++:000}"), seed);
        return 0;

    case ["run", var name]: // the end of afl-fuzz
        IFuzzTarget target = null;
        using (MemoryStream input = new())
        {
            Fuzzer.OutOfProcess.Run(stream =>
            {
                input.SetLength(0);
                stream.CopyTo(input);
                target ??= Targets.Create(name); // not before: instrumented code needs the fuzzer's memory
                target.Run(input.ToArray()); // of its own, so that nothing of an earlier input lies behind it
            });
        }
        return 0;

    case ["replay", var name, .. var files]: // FILE, a tab, what it broke
        int broken = 0;
        foreach (string file in files)
        {
            string what = Replay.Run(name, File.ReadAllBytes(file));
            if (what != Replay.Nothing) broken++;
            Console.WriteLine($"{file}\t{what}");
        }
        Environment.Exit(broken == 0 ? 0 : 1); // Whatever still runs.
        return 0;

    default:
        Console.Error.WriteLine("seeds TARGET FOLDER | run TARGET | replay TARGET FILE …");
        return 2;
}
