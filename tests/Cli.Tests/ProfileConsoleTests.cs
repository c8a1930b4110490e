using System.Text;
using Pocketvisor.Handsets;

namespace Pocketvisor.Cli.Tests;

public class ProfileConsoleTests
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task Waiting_reads_on_from_the_last_wait()
    {
        var console = new ProfileConsole("work", (_, _) => Task.CompletedTask);
        console.Append("one two one"u8);

        Assert.Equal("one", await console.WaitForAsync("one"));
        Assert.Equal(" two one", await console.WaitForAsync("one"));
        var third = console.WaitForAsync("one", TimeSpan.FromSeconds(10));
        console.Append(" o"u8);
        console.Append("ne"u8);
        Assert.Equal(" one", await third);
    }

    [Fact]
    public async Task A_wait_in_vain_shows_the_last_lines()
    {
        var console = new ProfileConsole("work", (_, _) => Task.CompletedTask);
        console.Append("Kernel panic\r\n"u8);

        var problem = await Assert.ThrowsAsync<TimeoutException>(() => console.WaitForAsync("ready", Soon));
        Assert.Contains("work │ Kernel panic", problem.Message);
    }

    [Fact]
    public async Task A_handset_that_goes_off_ends_the_wait()
    {
        var console = new ProfileConsole("work", (_, _) => Task.CompletedTask);
        var wait = console.WaitForAsync("ready");
        console.End("the handset is off.");

        await Assert.ThrowsAsync<HandsetException>(() => wait);
    }

    [Theory]
    [InlineData("3\n", 0, "3")]
    [InlineData("", 1, "")]
    [InlineData("a\nb", 127, "a\nb")]
    public async Task A_command_gives_its_output_and_exit_code(string said, int code, string output)
    {
        ProfileConsole? console = null;
        console = new ProfileConsole("work", (typed, _) =>
        {
            // As a shell does: an echo of what was typed, wrapped by the line editor, then what the marks and the command print.
            var line = Encoding.UTF8.GetString(typed.Span);
            console!.Append(Encoding.UTF8.GetBytes(line[..20] + "\r\n" + line[20..].Replace("\n", "\r\n")));
            console.Append(Encoding.UTF8.GetBytes($"<b1>\r\n{said.Replace("\n", "\r\n")}<e1:{code}>\r\nwork:~# \u001b[6n"));
            return Task.CompletedTask;
        });

        Assert.Equal(new CommandResult(code, output), await console.RunAsync("nproc", TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public async Task A_shell_that_does_not_listen_yet_is_asked_again()
    {
        var asked = 0;
        ProfileConsole? console = null;
        console = new ProfileConsole("home", (typed, _) =>
        {
            console!.Append(typed.Span); // The terminal's echo.
            if (++asked == 2)
                console.Append("shell-1002\r\n"u8);
            return Task.CompletedTask;
        });

        await console.WaitForShellAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(2, asked);
        var problem = await Assert.ThrowsAsync<TimeoutException>(() => console.WaitForShellAsync(Soon));
        Assert.StartsWith("No shell answered on home's console", problem.Message);
    }

    [Theory]
    [InlineData("plain\r\n\ttext", "plain\n\ttext")]
    [InlineData("\u001b[6n\u001b[1;31mred\u001b[0m", "red")]
    [InlineData("a\u001b]0;title\ab\u001b]0;title\u001b\\c", "abc")]
    [InlineData("\u001bcreset\b\u0007", "reset")]
    [InlineData("größer │", "größer │")]
    public void Text_is_plain_wherever_it_is_cut(string said, string plain)
    {
        var bytes = Encoding.UTF8.GetBytes(said);
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var text = new TerminalText();
            Assert.Equal(plain, text.Next(bytes.AsSpan(0, cut)) + text.Next(bytes.AsSpan(cut)));
        }
    }
}
