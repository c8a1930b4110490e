using System.Text;
using Pocketvisor.Cli.Screen;
using Pocketvisor.Handsets;
using Pocketvisor.Link;

namespace Pocketvisor.Cli.Tests;

public class BootScreenTests
{
    [Fact]
    public void Every_line_bears_its_owners_name_and_lines_of_two_profiles_do_not_mix()
    {
        using var output = new StringWriter { NewLine = "\n" };
        var screen = new BootScreen(output, colours: false);
        screen.Know(["personal", "work"]);

        screen.Line("handset", "4 cores");
        Say("work", "hel");
        Say("personal", "first\r\nsec");
        Say("work", "lo\r\n\r\n");
        Say("personal", "ond\r\n# ");
        screen.State("work", new StateChange(1, LinkProfileState.Failed, "it fell"));

        Assert.Equal(
            """
            handset  │ 4 cores
            personal │ first
            work     │ hello
            personal │ second
            personal │ # 
            work     │ ● work failed: it fell

            """,
            output.ToString());

        void Say(string profile, string text) => screen.Console(profile, Encoding.UTF8.GetBytes(text));
    }

    [Fact]
    public void Profiles_have_different_colours()
    {
        using var output = new StringWriter { NewLine = "\n" };
        var screen = new BootScreen(output, colours: true);
        screen.Know(["personal", "work"]);
        screen.Console("personal", "a\n"u8);
        screen.Console("work", "b\n"u8);

        Assert.Equal("\u001b[36mpersonal │\u001b[0m a\n\u001b[33mwork     │\u001b[0m b\n", output.ToString());
    }
}
