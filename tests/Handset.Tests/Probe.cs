using System;
using System.Threading.Tasks;
using Xunit;
using Xunit.Abstractions;

namespace Pocketvisor.Handsets.Tests;

public sealed class Probe(ITestOutputHelper output)
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public async Task P(int icount)
    {
        await using var handset = await Boots.StartAsync(2, [.. Boots.Debian("personal", 2), .. Boots.Guest("work", "Spin", cores: 2)], instructionShift: icount == 0 ? null : 1);
        await handset.ShellAsync("personal");
        await handset.StartAsync("work");
        await handset.Console("work").WaitForAsync("guest: spin: cores 2", Boots.Patience);
        await handset.Console("personal").TypeAsync("(i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo one) & (i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo two) & wait; echo end''end\n");
        for (int i = 0; i < 8; i++)
        {
            var list = await handset.ListAsync();
            output.WriteLine($"{list.Now.TotalSeconds:0.000}: {list.Profiles[0].CpuTime.TotalSeconds:0.000} {list.Profiles[0].Exits}, {list.Profiles[1].CpuTime.TotalSeconds:0.000} {list.Profiles[1].Exits}");
            await Task.Delay(3000);
        }
        output.WriteLine(handset.Console("personal").Text[^200..]);
    }
}
