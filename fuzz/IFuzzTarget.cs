using System;
using System.Collections.Generic;

namespace Pocketvisor.Fuzz;

/// <summary>An entry point that hostile input reaches.</summary>
public interface IFuzzTarget
{
    /// <summary>Inputs to begin with: right ones, so that the fuzzer need not find out by itself what such input looks like.</summary>
    IEnumerable<byte[]> Seeds { get; }

    /// <summary>
    /// Feeds an input to a world made anew, so that the same input always does the same. Refusals that the entry point documents are nothing; whatever is thrown is a
    /// finding: an exception that nobody documents, a fake that was touched where it must not be, or <see cref="FoundException"/>.
    /// </summary>
    void Run(ReadOnlySpan<byte> input);
}
