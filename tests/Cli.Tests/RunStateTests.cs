using System.Net.Sockets;
using Pocketvisor.Cli.Host;
using Pocketvisor.Cli.Hub;

namespace Pocketvisor.Cli.Tests;

/// <summary>Several handsets at the same time: each has its own lock and socket, and commands find the one that is meant.</summary>
public sealed class RunStateTests : IDisposable
{
    private readonly TemporaryRepository _tree = new();
    private readonly List<IDisposable> _hubs = [];

    private Repository Repository => _tree.Repository;

    public void Dispose()
    {
        _hubs.ForEach(hub => hub.Dispose());
        _tree.Dispose();
    }

    [Fact]
    public void One_handset_is_up_once_and_another_beside_it()
    {
        using var held = new RunState(Repository, "a").Acquire();

        var problem = Assert.Throws<UserException>(() => new RunState(Repository, "a").RequireNone());
        Assert.StartsWith("a is up already;", problem.Message);
        Assert.Equal(ExitCodes.WrongState, problem.ExitCode);
        using var other = new RunState(Repository, "b").Acquire();
        Assert.NotEqual(new RunState(Repository, "a").LogFile, new RunState(Repository, "b").LogFile);
    }

    [Fact]
    public async Task The_only_handset_that_is_up_needs_no_name()
    {
        Up("b");
        using var booting = new RunState(Repository, "a").Acquire(); // Of a hub that has no socket yet.

        Assert.Equal("b", (await HandsetChoice.UpAsync(Repository, null, default)).Handset);
        Assert.Equal("b", (await HandsetChoice.UpAsync(Repository, "b", default)).Handset);
    }

    [Fact]
    public async Task Of_several_one_must_be_named()
    {
        Up("b");
        Up("a");

        var problem = await Assert.ThrowsAsync<UserException>(() => HandsetChoice.UpAsync(Repository, null, default));
        Assert.Equal(("Several handsets are up: a, b; say which one you mean with --on, such as --on a.", ExitCodes.Usage), (problem.Message, problem.ExitCode));
        Assert.Equal("a", (await HandsetChoice.UpAsync(Repository, "a", default)).Handset);
    }

    [Theory]
    [InlineData(null, "No handset is up; start one with `pocket up`.", ExitCodes.WrongState)]
    [InlineData("phone", "phone is not up; start it with `pocket up phone`.", ExitCodes.WrongState)]
    [InlineData("fone", "There is no handset \"fone\"; did you mean \"phone\"?", ExitCodes.Usage)]
    public async Task Without_one_there_is_advice(string? on, string sentence, int code)
    {
        _tree.Write("handsets/phone/handset.json", "{}");

        var problem = await Assert.ThrowsAsync<UserException>(() => HandsetChoice.UpAsync(Repository, on, default));
        Assert.Equal((sentence, code), (problem.Message, problem.ExitCode));
    }

    [Fact]
    public void A_deep_tree_has_short_socket_paths_which_differ()
    {
        var deep = new Repository($"/{new string('d', 200)}");
        string[] paths = [new RunState(deep, "a").ControlSocket, new RunState(deep, "b").ControlSocket];

        Assert.All(paths, path => Assert.InRange(path.Length, 1, 107));
        Assert.NotEqual(paths[0], paths[1]);
    }

    // As a hub does, as far as other commands see it.
    private void Up(string name)
    {
        var state = new RunState(Repository, name);
        _hubs.Add(state.Acquire());
        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(state.ControlSocket));
        listener.Listen();
        _hubs.Add(listener);
    }
}
