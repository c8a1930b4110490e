using Pocketvisor.Handsets;

namespace Pocketvisor.Cli.Hub;

/// <summary>Asks the hub.</summary>
public static class ControlClient
{
    /// <summary>Asks one thing and gives the answer.</summary>
    /// <exception cref="UserException">No handset is up, or the hub refused.</exception>
    public static async Task<ControlReply> AskAsync(RunState state, ControlRequest request, CancellationToken cancellation)
    {
        using var connection = await OpenAsync(state, request, cancellation);
        return await ReplyAsync(connection, cancellation);
    }

    /// <summary>Connects a terminal to a profile's console. The connection carries raw bytes from now on.</summary>
    /// <exception cref="UserException">No handset is up, or the hub refused.</exception>
    public static async Task<LineSocket> ConsoleAsync(RunState state, string profile, CancellationToken cancellation)
    {
        var connection = await OpenAsync(state, new ControlRequest(ControlVerb.Console, profile), cancellation);
        await ReplyAsync(connection, cancellation);
        return connection;
    }

    /// <summary>Asks for a transfer. Who stops waiting ends it.</summary>
    /// <exception cref="UserException">No handset is up, or it refused.</exception>
    public static async Task TransferAsync(RunState state, ControlRequest request, IProgress<TransferProgress> progress, CancellationToken cancellation)
    {
        using var connection = await OpenAsync(state, request, cancellation);
        while ((await ReplyAsync(connection, cancellation)).Progress is { } report)
            progress.Report(report);
    }

    private static async Task<LineSocket> OpenAsync(RunState state, ControlRequest request, CancellationToken cancellation)
    {
        var connection = new LineSocket(await state.TryConnectAsync(cancellation) ?? throw state.NotUp());
        await connection.SendAsync(request, cancellation);
        return connection;
    }

    private static async Task<ControlReply> ReplyAsync(LineSocket connection, CancellationToken cancellation)
    {
        var reply = await connection.ReceiveAsync<ControlReply>(cancellation)
            ?? throw new UserException("The handset went off meanwhile; see why with `pocket logs`, then start it with `pocket up`.", ExitCodes.WrongState);
        return reply.Error is null ? reply : throw new UserException(reply.Error);
    }
}
