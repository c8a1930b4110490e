using Pocketvisor.Cli.Storage;

namespace Pocketvisor.Cli.Tests;

/// <summary>What <c>pocket profile create --from FOLDER</c> takes for what.</summary>
public sealed class SystemFilesTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("pocket-system-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_kernel_is_known_by_its_header_an_initrd_by_its_name_a_disk_by_its_ending()
    {
        Kernel("Image-6.1");
        Write("initrd.img-6.1", 100);
        Write("notes.txt", 100);
        Write("b.img", 1024);
        Write("a.img", 4096);

        var found = SystemFiles.Find(_folder.FullName);
        Assert.Equal(("Image-6.1", "initrd.img-6.1", (string?)null), (found.Kernel, found.Initrd, found.Root));
        Assert.Equal(["a.img", "b.img"], found.Disks);
    }

    [Theory]
    [InlineData(1080, 0x53, 0xEF, "/dev/vda")]
    [InlineData(510, 0x55, 0xAA, "/dev/vda1")]
    [InlineData(0, 0, 0, null)]
    public void A_disks_root_is_known_by_what_is_in_it(int at, byte first, byte second, string? root)
    {
        Kernel("Image");
        var disk = new byte[4096];
        (disk[at], disk[at + 1]) = (first, second);
        File.WriteAllBytes(Path.Combine(_folder.FullName, "root.img"), disk);

        Assert.Equal(root, SystemFiles.Find(_folder.FullName).Root);
    }

    [Theory]
    [InlineData("", "holds no arm64 kernel; put one there: an uncompressed Image, which has \"ARM\\x64\" in its header.")]
    [InlineData("Image vmlinuz", "holds 2 kernels, Image and vmlinuz; leave one there.")]
    [InlineData("Image initrd.gz initramfs", "holds 2 initrds, initramfs and initrd.gz; leave one there.")]
    [InlineData("Image a.img b.img c.img d.img e.img", "holds 5 disks (*.img), and a profile has at most 4; leave those there that it needs.")]
    [InlineData("Image odd.img", "holds odd.img, which is no disk image, because its length is no multiple of 512 bytes; rename it or mend it.")]
    public void What_does_not_add_up_is_told(string files, string sentence)
    {
        foreach (var name in files.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (name is "Image" or "vmlinuz")
                Kernel(name);
            else
                Write(name, name == "odd.img" ? 1000 : 512);
        }

        var problem = Assert.Throws<UserException>(() => SystemFiles.Find(_folder.FullName));
        Assert.EndsWith(sentence, problem.Message);
        Assert.Equal(ExitCodes.Usage, problem.ExitCode);
    }

    [Fact]
    public void A_folder_that_is_not_there_is_told() =>
        Assert.Equal("/nowhere: there is no such folder; name one that holds a kernel, and disks if you like.", Assert.Throws<UserException>(() => SystemFiles.Find("/nowhere")).Message);

    private void Kernel(string name)
    {
        var bytes = new byte[128];
        "ARM\x64"u8.CopyTo(bytes.AsSpan(56));
        File.WriteAllBytes(Path.Combine(_folder.FullName, name), bytes);
    }

    private void Write(string name, int length) => File.WriteAllBytes(Path.Combine(_folder.FullName, name), new byte[length]);
}
