using System.Text;
using Pocketvisor.Keeper.Diagnostics;
using Pocketvisor.Keeper.Profiles;
using Xunit;

namespace Pocketvisor.Keeper.Tests;

public sealed class ManifestTests
{
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
    [InlineData("{\"version\":2}", "version: must be 1")]
    [InlineData("{\"version\":\"1\"}", "version: must be 1")]
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
