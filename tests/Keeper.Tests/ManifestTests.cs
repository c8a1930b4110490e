using System.Text;
using Pocketvisor.Keeper.Diagnostics;
using Pocketvisor.Keeper.Profiles;
using Xunit;

namespace Pocketvisor.Keeper.Tests;

public sealed class ManifestTests
{
    private static readonly string Zeros = new('0', 64);

    [Fact]
    public void EveryFieldIsRead()
    {
        Manifest m = Read("""
            { "$schema": "x", "version": 1, "name": "work-2", "cores": 2, "memory": "384M", "kernel": "vmlinuz", "initrd": "initrd.img",
              "commandLine": "console=ttyAMA0 \"quoted\"", "weight": 250, "autostart": false }
            """);
        Assert.Equal("work-2", Encoding.ASCII.GetString(m.Name));
        Assert.Equal("vmlinuz", Encoding.ASCII.GetString(m.Kernel));
        Assert.Equal("initrd.img", Encoding.ASCII.GetString(m.Initrd));
        Assert.Equal("console=ttyAMA0 \"quoted\"", Encoding.ASCII.GetString(m.CommandLine));
        Assert.Equal((2, 384UL << 20, 250, false), (m.Cores, m.Memory, m.Weight, m.Autostart));
    }

    [Fact]
    public void WhatMayBeLeftOutHasADefault()
    {
        Manifest m = Read("""{"version":1,"name":"a","memory":"2M","kernel":"k"}""");
        Assert.Equal((1, 100, true, 0, 0), (m.Cores, m.Weight, m.Autostart, m.Initrd.Length, m.CommandLine.Length));
    }

    [Theory]
    [InlineData("[]", "profile.json must be one JSON object")]
    [InlineData("{\n\"version\": 1,\n}", "profile.json is not JSON at line 3")]
    [InlineData("{\"version\":1,\"name\":\"a\",\"memory\":\"2M\",\"kernel\":\"k\"} x", "profile.json is not JSON at line 1")]
    [InlineData("{\"version\":1}", "name is missing")]
    [InlineData("{\"name\":\"a\",\"memory\":\"2M\",\"kernel\":\"k\"}", "version is missing")]
    [InlineData("{\"version\":3}", "version: must be 1 or 2")]
    [InlineData("{\"version\":\"1\"}", "version: must be 1 or 2")]
    [InlineData("{\"version\":1,\"version\":1}", "version is there twice")]
    [InlineData("{\"colour\":1}", "unknown field \"colour\"; allowed are version,")]
    [InlineData("{\"name\":\"Work\"}", "name: must be a lower-case letter")]
    [InlineData("{\"name\":\"handset\"}", "name: must be a lower-case letter")]
    [InlineData("{\"name\":\"abcdefghijklmnopqrstuvwxyzabcdef\"}", "name: must be a lower-case letter")]
    [InlineData("{\"name\":{}}", "name: must be a lower-case letter")]
    [InlineData("{\"cores\":0}", "cores: must be a whole number from 1 to 8")]
    [InlineData("{\"cores\":9}", "cores: must be a whole number from 1 to 8")]
    [InlineData("{\"memory\":\"3M\"}", "memory: must be a number with M or G")]
    [InlineData("{\"memory\":\"384\"}", "memory: must be a number with M or G")]
    [InlineData("{\"memory\":\"65G\"}", "memory: must be a number with M or G")]
    [InlineData("{\"memory\":\"0M\"}", "memory: must be a number with M or G")]
    [InlineData("{\"kernel\":\"../work/vmlinuz\"}", "kernel: must be the name of a file")]
    [InlineData("{\"kernel\":\"\"}", "kernel: must be the name of a file")]
    [InlineData("{\"initrd\":\".hidden\"}", "initrd: must be the name of a file")]
    [InlineData("{\"commandLine\":\"a\\nb\"}", "commandLine: must be a string of at most 1023 printable")]
    [InlineData("{\"weight\":1001}", "weight: must be a whole number from 1 to 1000")]
    [InlineData("{\"autostart\":1}", "autostart: must be true or false")]
    public void MistakesAreNamed(string json, string error)
    {
        Text text = new(256);
        Assert.False(new Manifest().TryRead(Encoding.UTF8.GetBytes(json), text));
        Assert.StartsWith(error, Encoding.UTF8.GetString(text.Bytes));
    }

    [Fact]
    public void Version2HasDisksNetworkAndDigests()
    {
        Manifest m = Read($$"""
            { "sha256": { "root.img": "{{Zeros}}", "vmlinuz": "{{Zeros[..^2]}}5a" }, "disks": [ { "file": "root.img", "readOnly": true }, { "file": "home.img" } ],
              "autorestart": "onFailure", "mac": "02:11:22:33:44:5e", "network": "none", "version": 2, "name": "a", "memory": "2M", "kernel": "vmlinuz" }
            """);
        Assert.Equal((2, false, true, 0x0211_2233_445EUL, true), (m.DiskCount, m.HasNetwork, m.HasMac, m.Mac, m.RestartsOnFailure));
        Assert.Equal(("root.img", true), (Encoding.ASCII.GetString(m.Disk(0).File), m.Disk(0).ReadOnly));
        Assert.Equal(("home.img", false), (Encoding.ASCII.GetString(m.Disk(1).File), m.Disk(1).ReadOnly));
        Assert.Equal(0x5A, m.DigestOf(m.Kernel)[31]);
        Assert.Equal(new byte[32], m.DigestOf(m.Disk(0).File).ToArray());
        Assert.True(m.DigestOf(m.Disk(1).File).IsEmpty);
    }

    [Fact]
    public void VersionsDifferInWhatIsLeftOut()
    {
        Manifest one = Read("""{"version":1,"name":"a","memory":"2M","kernel":"k"}"""), two = Read("""{"version":2,"name":"a","memory":"2M","kernel":"k"}""");
        Assert.Equal((false, false, 0, false), (one.HasNetwork, one.HasMac, one.DiskCount, one.RestartsOnFailure));
        Assert.Equal((true, false, 0, false), (two.HasNetwork, two.HasMac, two.DiskCount, two.RestartsOnFailure));
    }

    /// <summary>A slot gets another profile: nothing of the one before may stay.</summary>
    [Fact]
    public void ReadingAgainForgetsEverything()
    {
        Manifest m = Read($$"""
            { "version": 2, "name": "first", "memory": "2M", "kernel": "k", "initrd": "i", "cores": 8, "weight": 7, "autostart": false, "commandLine": "quiet",
              "disks": [ { "file": "d", "readOnly": true } ], "network": "none", "mac": "02:11:22:33:44:5e", "autorestart": "onFailure", "sha256": { "k": "{{Zeros}}" } }
            """);
        Text error = new(256);
        Assert.False(m.TryRead("{"u8, error));
        Assert.True(m.TryRead("""{"version":2,"name":"second","memory":"4M","kernel":"k","disks":[{"file":"e"}]}"""u8, error.Clear()));

        Assert.Equal(("second", "k"), (Encoding.ASCII.GetString(m.Name), Encoding.ASCII.GetString(m.Kernel)));
        Assert.Equal((4UL << 20, 1, 100, true, 0, 0), (m.Memory, m.Cores, m.Weight, m.Autostart, m.Initrd.Length, m.CommandLine.Length));
        Assert.Equal((1, true, false, 0UL, false, true), (m.DiskCount, m.HasNetwork, m.HasMac, m.Mac, m.RestartsOnFailure, m.DigestOf(m.Kernel).IsEmpty));
        Assert.Equal(("e", false), (Encoding.ASCII.GetString(m.Disk(0).File), m.Disk(0).ReadOnly));
    }

    [Theory]
    [InlineData("'disks': {}", "disks: must be a list of at most 4")]
    [InlineData("'disks': ['root.img']", "disks: must be a list of at most 4")]
    [InlineData("'disks': [{'file':'a'},{'file':'b'},{'file':'c'},{'file':'d'},{'file':'e'}]", "disks: must be a list of at most 4")]
    [InlineData("'disks': [{}]", "disks[0].file is missing")]
    [InlineData("'disks': [{'file':'a'},{'readOnly':true}]", "disks[1].file is missing")]
    [InlineData("'disks': [{'file':'../work/root.img'}]", "disks[0].file: must be the name of a file")]
    [InlineData("'disks': [{'file':'a','readOnly':'yes'}]", "disks[0].readOnly: must be true or false")]
    [InlineData("'disks': [{'file':'a','file':'b'}]", "disks[0]: has \"file\" and \"readOnly\", each once")]
    [InlineData("'disks': [{'file':'a','size':5}]", "disks[0]: has \"file\" and \"readOnly\", each once")]
    [InlineData("'disks': [{'file':'a'},{'file':'A'}]", "disks[1].file: must be a file of its own; \"A\" is used already")]
    [InlineData("'disks': [{'file':'k'}]", "disks[0].file: must be a file of its own; \"k\" is used already")]
    [InlineData("'disks': [{'file':'Profile.json'}]", "disks[0].file: must be a file of its own")]
    [InlineData("'disks': [{'file':'a'}", "profile.json is not JSON at line 1")]
    [InlineData("'network': 'home'", "network: must be \"outside\" or \"none\"")]
    [InlineData("'network': false", "network: must be \"outside\" or \"none\"")]
    [InlineData("'mac': '02:11:22:33:44'", "mac: must be six lower-case bytes")]
    [InlineData("'mac': '02-11-22-33-44-55'", "mac: must be six lower-case bytes")]
    [InlineData("'mac': '00:11:22:33:44:55'", "mac: must be six lower-case bytes")]
    [InlineData("'mac': '03:11:22:33:44:55'", "mac: must be six lower-case bytes")]
    [InlineData("'mac': '02:11:22:33:44:5E'", "mac: must be six lower-case bytes")]
    [InlineData("'autorestart': 'always'", "autorestart: must be \"never\" or \"onFailure\"")]
    [InlineData("'autorestart': true", "autorestart: must be \"never\" or \"onFailure\"")]
    [InlineData("'sha256': 'k'", "sha256: must be an object from file names to digests")]
    [InlineData("'sha256': {'k':'5a'}", "sha256: of \"k\" must be 64 lower-case hexadecimal digits")]
    [InlineData("'sha256': {'k':'0'}", "sha256: of \"k\" must be 64 lower-case hexadecimal digits")]
    [InlineData("'sha256': {'a/b':'0'}", "sha256: each name must be the name of a file")]
    [InlineData("'sha256': {'k':'ZEROS','k':'ZEROS'}", "sha256: names \"k\" twice")]
    [InlineData("'sha256': {'other':'ZEROS'}", "sha256: names \"other\", which is none of the profile's files")]
    [InlineData("'sha256': {'a':'ZEROS'}, 'disks': [{'file':'a'}]", "sha256: names \"a\", a disk that is written")]
    [InlineData(
        "'sha256': {'a':'ZEROS','b':'ZEROS','c':'ZEROS','d':'ZEROS','e':'ZEROS','f':'ZEROS','g':'ZEROS'}", "sha256: names more files than a profile has")]
    public void MistakesOfVersion2AreNamed(string field, string error)
    {
        string json = $"{{'version':2,'name':'a','memory':'2M','kernel':'k',{field}}}".Replace('\'', '"').Replace("ZEROS", Zeros);
        Text text = new(256);
        Assert.False(new Manifest().TryRead(Encoding.UTF8.GetBytes(json), text));
        Assert.StartsWith(error, Encoding.UTF8.GetString(text.Bytes));
    }

    [Theory]
    [InlineData("disks", "[]")]
    [InlineData("network", "\"none\"")]
    [InlineData("mac", "\"02:11:22:33:44:55\"")]
    [InlineData("autorestart", "\"never\"")]
    [InlineData("sha256", "{}")]
    public void Version1HasNoFieldsOfVersion2(string field, string value)
    {
        string rest = $"\"name\":\"a\",\"memory\":\"2M\",\"kernel\":\"k\",\"{field}\":{value}}}";
        Text text = new(256);
        Assert.False(new Manifest().TryRead(Encoding.UTF8.GetBytes("{\"version\":1," + rest), text));
        Assert.Equal($"{field}: is a field of version 2; set \"version\": 2", Encoding.UTF8.GetString(text.Bytes));
        Assert.True(new Manifest().TryRead(Encoding.UTF8.GetBytes("{\"version\":2," + rest), text.Clear()));
    }

    [Theory]
    [InlineData("2M", 2UL << 20)]
    [InlineData("64G", 64UL << 30)]
    [InlineData("1G", 1UL << 30)]
    [InlineData("M", 0UL)]
    [InlineData("99999999999999999999G", 0UL)]
    [InlineData("1g", 0UL)]
    [InlineData("-2M", 0UL)]
    public void MemorySizes(string text, ulong bytes) =>
        Assert.Equal(bytes, Manifest.TryParseMemory(Encoding.ASCII.GetBytes(text), out ulong read) ? read : 0);

    private static Manifest Read(string json)
    {
        Manifest manifest = new();
        Text error = new(256);
        Assert.True(manifest.TryRead(Encoding.UTF8.GetBytes(json), error), Encoding.UTF8.GetString(error.Bytes));
        return manifest;
    }
}
