using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using Pocketvisor.Keeper.Diagnostics;
using Pocketvisor.Keeper.Profiles;
using Pocketvisor.Profiles;
using static Pocketvisor.Fuzz.FoundException;

namespace Pocketvisor.Fuzz.Profiles;

/// <summary>
/// profile.json by both of its readers. Each refuses with a sentence. What the PC takes, the keeper takes as the same profile; and a manifest that the PC writes out, both
/// take. (What only the keeper takes is no harm: to be written by the PC it would have to be taken there first.)
/// </summary>
public sealed class ManifestTarget : IFuzzTarget
{
    public IEnumerable<byte[]> Seeds =>
    [
        .. new[]
        {
            """{"version":1,"name":"a","memory":"2M","kernel":"k"}""",
            """{"$schema":"x","version":1,"name":"work-2","cores":2,"memory":"384M","kernel":"vmlinuz","initrd":"initrd.img","commandLine":"console=ttyAMA0 \"quoted\" \u0041","weight":250,"autostart":false}""",
            $$"""
            { "version": 2, "name": "work", "memory": "64G", "kernel": "Image", "disks": [ { "file": "root.img", "readOnly": true }, { "file": "home.img" } ],
              "network": "none", "mac": "02:11:22:33:44:5e", "autorestart": "onFailure", "sha256": { "Image": "{{new string('0', 64)}}", "root.img": "{{new string('a', 64)}}" } }
            """,
            """{"version":2e0,"name":"b","memory":"4M","kernel":"k","cores":1.0,"network":"outside","autorestart":"never","sha256":{},"disks":[]}""",
            """{"unknown":null,"deep":[[[{"a":-1.5e+3}]]]}""",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    public void Run(ReadOnlySpan<byte> input)
    {
        Manifest keepers = new();
        Text error = new(256);
        bool taken = keepers.TryRead(input, error);
        Demand(taken || error.Length != 0, "The keeper refuses without a sentence.");
        if (ReadByPc(Encoding.UTF8.GetString(input)) is not { } manifest) return;
        if (IsUtf8(input)) // else the two have not read the same
        {
            Demand(taken, $"The PC takes it, the keeper does not: {Encoding.UTF8.GetString(error.Bytes)}");
            Compare(manifest, keepers);
        }

        string written = manifest.ToJson();
        Demand(manifest.Equals(ReadByPc(written)), "Written out and read again it is another manifest.");
        Demand(manifest.Equals(ReadByPc(manifest.ToFile())), "Written out for people and read again it is another manifest.");
        Demand(keepers.TryRead(Encoding.UTF8.GetBytes(written), error.Clear()), $"The keeper refuses what the PC has written: {Encoding.UTF8.GetString(error.Bytes)}");
        Compare(manifest, keepers);
    }

    private static ProfileManifest ReadByPc(string json)
    {
        try
        {
            return ManifestReader.Read("profile.json", json);
        }
        catch (ProfileException e)
        {
            Demand(e.Message.Length != 0, "The PC refuses without a sentence.");
            return null;
        }
    }

    private static bool IsUtf8(ReadOnlySpan<byte> bytes) => System.Text.Unicode.Utf8.IsValid(bytes);

    private static void Compare(ProfileManifest pcs, Manifest keepers)
    {
        Demand(pcs.Name == Ascii(keepers.Name) && pcs.Kernel == Ascii(keepers.Kernel) && (pcs.Initrd ?? "") == Ascii(keepers.Initrd), "Two readings of name, kernel or initrd.");
        Demand(pcs.CommandLine == Ascii(keepers.CommandLine), "Two readings of the command line.");
        Demand(pcs.Cores == keepers.Cores && pcs.Weight == keepers.Weight && pcs.Autostart == keepers.Autostart, "Two readings of cores, weight or autostart.");
        Demand((ulong)pcs.Memory.Bytes == keepers.Memory, "Two readings of the memory.");
        Demand((pcs.Network == Pocketvisor.Profiles.Network.Outside) == keepers.HasNetwork && (pcs.Autorestart == Autorestart.OnFailure) == keepers.RestartsOnFailure, "Two readings of network or restart.");
        Demand(pcs.Mac is null ? !keepers.HasMac : keepers.HasMac && Convert.ToUInt64(pcs.Mac.Replace(":", ""), 16) == keepers.Mac, "Two readings of the address.");
        Demand(pcs.Disks.Count == keepers.DiskCount, "Two readings of how many disks.");
        for (int i = 0; i < keepers.DiskCount; i++) Demand(pcs.Disks[i] == new ProfileDisk(Ascii(keepers.Disk(i).File), keepers.Disk(i).ReadOnly), "Two readings of a disk.");
        foreach (string file in pcs.Files)
        {
            string digest = Convert.ToHexStringLower(keepers.DigestOf(Encoding.ASCII.GetBytes(file)));
            Demand(digest == pcs.Sha256.GetValueOrDefault(file, ""), "Two readings of a digest.");
        }
    }

    private static string Ascii(ReadOnlySpan<byte> text) => Encoding.ASCII.GetString(text);
}
