using System.Globalization;

namespace Pocketvisor.Bench.Tests;

/// <summary>docs/security.md says how much has to be trusted, in lines and bytes, to within 3 percent.</summary>
public class TrustedBaseTests
{
    [Theory]
    [InlineData("EL2's own integrity", "hypervisor.bin", "src/Hypervisor", "src/Bare.Corlib", "src/Abi")]
    [InlineData("profiles kept apart", "keeper.bin", "src/Keeper", "src/Flash", "src/Link", "src/DeviceTree")]
    public void IsAsLargeAsTheDocumentSays(string row, string image, params string[] folders)
    {
        var cells = File.ReadLines(Path.Combine(Bench.Repository.Root, "docs", "security.md")).First(line => line.StartsWith($"| {row}", StringComparison.Ordinal)).Split('|').Select(cell => cell.Trim()).ToList();
        AssertNear(folders.Sum(folder => Lines(folder, ".cs")), cells[3], "lines of C#");
        AssertNear(folders.Sum(folder => Lines(folder, ".S", ".inc")), cells[4], "lines of assembly");
        AssertNear(new FileInfo(Path.Combine(Bench.Repository.Root, "artifacts", image)).Length, cells[5], "bytes");

        void AssertNear(long real, string said, string unit) => Assert.True(
            long.TryParse(said, NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var number) && Math.Abs(number - real) <= 0.03 * real,
            $"docs/security.md says {said} {unit} for {row}; it is {real.ToString("#,0", CultureInfo.InvariantCulture)}");
    }

    private static long Lines(string folder, params string[] extensions) =>
        Directory.EnumerateFiles(Path.Combine(Bench.Repository.Root, folder), "*", SearchOption.AllDirectories)
            .Where(path => extensions.Contains(Path.GetExtension(path)) && !path[Bench.Repository.Root.Length..].Split('/').Any(part => part is "bin" or "obj"))
            .Sum(path => File.ReadLines(path).LongCount());
}
