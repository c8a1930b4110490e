using Pocketvisor.Cli.Commands;

namespace Pocketvisor.Cli.Tests;

/// <summary>What a user who mistypes sees: one sentence that says what to do, and the exit code that the help promises.</summary>
public class CommandLineTests
{
    [Theory]
    [InlineData("strat work", "pocket: There is no command \"strat\"; did you mean \"start\"? See `pocket --help`.")]
    [InlineData("frobnicate", "pocket: There is no command \"frobnicate\"; the commands are up, down, list, console, exec, start, stop, restart, logs, push, pull, migrate, profile, handset, build, bench, test, fuzz, soak. See `pocket --help`.")]
    [InlineData("soak --for 1x", "pocket: --for must be a number with s, m or h, from 1s to 168h, such as 10m; it is \"1x\". See `pocket soak --help`.")]
    [InlineData("console", "pocket: `pocket console` needs NAME. See `pocket console --help`.")]
    [InlineData("exec work", "pocket: `pocket exec` needs COMMAND. See `pocket exec --help`.")]
    [InlineData("handset", "pocket: `pocket handset` needs one more word: create, list, remove. See `pocket handset --help`.")]
    [InlineData("handset crate a", "pocket: There is no command \"handset crate\"; did you mean \"handset create\"? See `pocket handset --help`.")]
    [InlineData("handset frobnicate", "pocket: There is no command \"handset frobnicate\"; the commands are handset create, handset list, handset remove. See `pocket handset --help`.")]
    [InlineData("handset create", "pocket: `pocket handset create` needs NAME. See `pocket handset create --help`.")]
    [InlineData("handset create a --flash 1M", "pocket: --flash must be a number with M or G, from 64M to 2048G; it is \"1M\". See `pocket handset create --help`.")]
    [InlineData("handset create a --gic 2", "pocket: --gic must be 3 or 4, because the hypervisor drives no other yet; it is \"2\". See `pocket handset create --help`.")]
    [InlineData("push", "pocket: `pocket push` needs PROFILE. See `pocket push --help`.")]
    [InlineData("pull work phone", "pocket: `pocket pull` needs FOLDER. See `pocket pull --help`.")]
    [InlineData("migrate work --from a", "pocket: Option '--to' is required. See `pocket migrate --help`.")]
    [InlineData("migrate work --from a --to a", "pocket: --from and --to are the same handset, a; name another one.")]
    [InlineData("profile", "pocket: `pocket profile` needs one more word: create, list, show, remove. See `pocket profile --help`.")]
    [InlineData("profile creat x", "pocket: There is no command \"profile creat\"; did you mean \"profile create\"? See `pocket profile --help`.")]
    [InlineData("profile create x", "pocket: Option '--from' is required. See `pocket profile create --help`.")]
    [InlineData("profile create x --from debian --disk 1M", "pocket: --disk must be a number with M or G, from 64M to 2048G; it is \"1M\". See `pocket profile create --help`.")]
    [InlineData("profile create x --from debian --network lan", "pocket: --network must be outside or none; it is \"lan\". See `pocket profile create --help`.")]
    [InlineData("profile create X --from debian", "pocket: A profile's name is a lower-case letter, then up to 30 lower-case letters, digits or hyphens (and not \"handset\"); \"X\" is not.")]
    [InlineData("handset create Phone", "pocket: A handset's name is a lower-case letter, then up to 30 lower-case letters, digits or hyphens (and not \"handset\"); \"Phone\" is not.")]
    [InlineData("list --jsn", "pocket: Unrecognized command or argument '--jsn'. See `pocket list --help`.")]
    [InlineData("up --cores 9", "pocket: --cores must be a number from 1 to 8; it is \"9\". See `pocket up --help`.")]
    [InlineData("up --cores two", "pocket: --cores must be a number from 1 to 8; it is \"two\". See `pocket up --help`.")]
    [InlineData("up --memory 3M", "pocket: --memory must be a number with M or G, from 2M to 64G and a multiple of 2M; it is \"3M\". See `pocket up --help`.")]
    [InlineData("stop work --timeout 0", "pocket: --timeout must be a number of seconds from 1 up; it is \"0\". See `pocket stop --help`.")]
    [InlineData("fuzz", "pocket: `pocket fuzz` needs TARGET; `pocket fuzz --list` shows what there is.")]
    [InlineData("fuzz exfta", "pocket: There is no target \"exfta\"; did you mean \"exfat\"? See `pocket fuzz --help`.")]
    [InlineData("fuzz frobnicate", "pocket: There is no target \"frobnicate\"; the targets are device-tree, manifest, cpio, exfat, block, network, console, entropy, link-keeper, link-pc, hypercalls. See `pocket fuzz --help`.")]
    [InlineData("fuzz exfat --for ten", "pocket: --for must be a number with s, m or h, from 1s to 168h, such as 10m; it is \"ten\". See `pocket fuzz --help`.")]
    [InlineData("fuzz exfat --for 0s", "pocket: --for must be a number with s, m or h, from 1s to 168h, such as 10m; it is \"0s\". See `pocket fuzz --help`.")]
    public async Task A_wrong_command_line_ends_with_2(string line, string sentence)
    {
        var (code, output, error) = await RunAsync(line.Split(' '));

        Assert.Equal((ExitCodes.Usage, "", sentence), (code, output, error.TrimEnd()));
    }

    [Fact]
    public async Task Wrong_profiles_end_with_2_and_name_the_folder()
    {
        var (code, _, error) = await RunAsync("up", "--profiles", "/nowhere");

        Assert.Equal((ExitCodes.Usage, "pocket: /nowhere: there is no such folder; name one that holds a folder for each profile."), (code, error.TrimEnd()));
    }

    [Theory]
    [InlineData("up")]
    [InlineData("down")]
    [InlineData("list")]
    [InlineData("console")]
    [InlineData("exec")]
    [InlineData("start")]
    [InlineData("stop")]
    [InlineData("restart")]
    [InlineData("logs")]
    [InlineData("handset")]
    [InlineData("handset create")]
    [InlineData("handset list")]
    [InlineData("handset remove")]
    [InlineData("push")]
    [InlineData("pull")]
    [InlineData("migrate")]
    [InlineData("profile")]
    [InlineData("profile create")]
    [InlineData("profile list")]
    [InlineData("profile show")]
    [InlineData("profile remove")]
    [InlineData("build")]
    [InlineData("bench")]
    [InlineData("bench exits")]
    [InlineData("bench boot")]
    [InlineData("bench tax")]
    [InlineData("bench disk")]
    [InlineData("bench network")]
    [InlineData("test")]
    [InlineData("fuzz")]
    public async Task Every_command_has_help_with_examples(string command)
    {
        var (code, output, error) = await RunAsync([.. command.Split(' '), "--help"]);

        Assert.Equal((ExitCodes.Done, ""), (code, error));
        Assert.Contains($"  pocket {command}", output[output.IndexOf("Examples:", StringComparison.Ordinal)..]);
        Assert.DoesNotContain("Pocketvisor.Cli", output);
    }

    [Fact]
    public async Task No_command_at_all_shows_the_help()
    {
        var (code, output, _) = await RunAsync();

        Assert.Equal(ExitCodes.Done, code);
        Assert.Contains("Exit codes: 0 done;", output);
    }

    [Theory]
    [InlineData("Passed", "Passed", "Failed", "NotExecuted", "2 passed, 1 failed, 1 skipped")]
    [InlineData("Passed", "Error", "Aborted", "Timeout", "1 passed, 3 failed, 0 skipped")]
    public void Test_results_are_counted(string a, string b, string c, string d, string sum)
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, $"<TestRun xmlns='x'><Results>{string.Concat(new[] { a, b, c, d }.Select(outcome => $"<UnitTestResult outcome='{outcome}'/>"))}</Results></TestRun>");

        Assert.Equal(sum, Commands.TestCounts.Read(file).ToString());
        File.Delete(file);
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(params string[] args)
    {
        using StringWriter output = new(), error = new();
        var code = await PocketCommand.RunAsync(args, output, error);
        return (code, output.ToString(), error.ToString());
    }

    [Fact]
    public void ExecPassesArgumentsAsTheyAreAndOneWordAsALine()
    {
        Assert.Equal("sh -c 'echo c > /tmp/x'", ExecCommand.CommandLine(["sh", "-c", "echo c > /tmp/x"]));
        Assert.Equal("echo 'it'\\''s' ''", ExecCommand.CommandLine(["echo", "it's", ""]));
        Assert.Equal("cat /proc/meminfo | head -1", ExecCommand.CommandLine(["cat /proc/meminfo | head -1"]));
    }
}
