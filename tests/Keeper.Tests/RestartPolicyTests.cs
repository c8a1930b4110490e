using System.Text;
using Pocketvisor.Keeper.Profiles;
using Pocketvisor.Keeper.Scheduling;
using Xunit;
using Text = Pocketvisor.Keeper.Diagnostics.Text;

namespace Pocketvisor.Keeper.Tests;

public sealed class RestartPolicyTests
{
    private const ulong Second = 62_500_000; // QEMU's counter

    private readonly RestartPolicy _policy = new(Second);
    private readonly Text _sentence = new(128);
    private ulong _now = 77 * Second;

    [Fact]
    public void PausesGrowAndTheFifthFailureIsTheLast()
    {
        foreach (ulong pause in new ulong[] { 1, 2, 4, 8 })
        {
            Run(seconds: 3);
            Assert.True(Fail());
            Assert.Equal($"starts again in {pause} s", Sentence());
            Assert.Equal(_now + pause * Second, _policy.Due);
            _now = _policy.Due;
        }

        Run(seconds: 3);
        Assert.False(Fail());
        Assert.Equal("failed 5 times in a row and stays off", Sentence());
        Assert.Equal(Schedulable.Never, _policy.Due);
    }

    [Fact]
    public void AStartThatFailsCountsAndTimeBetweenDoesNotForgive()
    {
        for (int i = 1; i < RestartPolicy.MaxFailures; i++)
        {
            Assert.True(Fail());
            _now += 3600 * Second;
        }

        Assert.False(Fail());
    }

    [Theory]
    [InlineData(599, "starts again in 8 s")]
    [InlineData(600, "starts again in 1 s")]
    public void TenMinutesOfRunningForgive(ulong seconds, string sentence)
    {
        for (int i = 0; i < 3; i++)
        {
            Run(seconds: 1);
            Fail();
        }

        Run(seconds);
        Fail();
        Assert.Equal(sentence, Sentence());
    }

    [Fact]
    public void WhatRunsIsNotDue()
    {
        Fail();
        _policy.Started(_now);
        Assert.Equal(Schedulable.Never, _policy.Due);
    }

    [Fact]
    public void TheUserBeginsAnew()
    {
        for (int i = 0; i < 3; i++) Fail();
        _policy.Forget();
        Assert.Equal(Schedulable.Never, _policy.Due);
        Fail();
        Assert.Equal("starts again in 1 s", Sentence());
    }

    [Fact]
    public void AfterGivingUpTheNextFailureIsAFirst()
    {
        for (int i = 0; i < RestartPolicy.MaxFailures; i++) Fail();
        Run(seconds: 1); // the user started it
        Assert.True(Fail());
        Assert.Equal("starts again in 1 s", Sentence());
    }

    private void Run(ulong seconds)
    {
        _policy.Started(_now);
        _now += seconds * Second;
    }

    private bool Fail() => _policy.Failed(_now, _sentence.Clear());

    private string Sentence() => Encoding.UTF8.GetString(_sentence.Bytes);
}
