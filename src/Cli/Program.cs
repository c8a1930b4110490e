using Pocketvisor.Cli;

return await PocketCommand.RunAsync(args, Console.Out, Console.Error);
