using System;
using System.Diagnostics;
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
                target.Run(input.GetBuffer().AsSpan(0, (int)input.Length));
            });
        }
        return 0;

    case ["replay", var name, .. var files]:
        int found = 0;
        foreach (string file in files)
        {
            Stopwatch watch = Stopwatch.StartNew();
            try
            {
                Targets.Create(name).Run(File.ReadAllBytes(file));
                Console.WriteLine($"{file}: nothing ({watch.ElapsedMilliseconds} ms)");
            }
            catch (Exception e)
            {
                found++;
                Console.WriteLine($"{file}: {e}");
            }
        }
        return found == 0 ? 0 : 1;

    default:
        Console.Error.WriteLine("seeds TARGET FOLDER | run TARGET | replay TARGET FILE …");
        return 2;
}
