namespace Pocketvisor.Cli.Sizes;

/// <summary>Bytes of an image that one function has, or its constants, or nobody.</summary>
/// <param name="Part">A namespace without the program's own prefix, or what isn't in one: assembly, constants, gaps.</param>
/// <param name="Name">Type and method, or a function of the assembly.</param>
/// <param name="Bytes">How many.</param>
public sealed record SizeEntry(string Part, string Name, long Bytes);
