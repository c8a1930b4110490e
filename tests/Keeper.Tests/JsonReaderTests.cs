using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Pocketvisor.Keeper.Profiles;
using Xunit;

namespace Pocketvisor.Keeper.Tests;

/// <summary>Our reader against .NET's: the same verdict on everything, and the same tokens.</summary>
public sealed class JsonReaderTests
{
    private static readonly string[] Pieces =
    [
        "{", "}", "[", "]", ",", ":", " ", "\n", "\"a\"", "\"\"", "\"\\u00e9\"", "\"\\ud83d\\ude00\"", "\"\\n\\\"\"", "\"\\x\"", "\"\\u12\"", "\"", "\t",
        "0", "1", "-1", "01", "-", "1.5", "1.", ".5", "1e5", "1E+", "1e-2", "true", "false", "null", "tru", "nul", "/**/", "é", "\u0001", "\"\u0001\"",
    ];

    public static TheoryData<string> Examples => new()
    {
        "{}", "[]", "1", "\"x\"", "", " ", "{\"a\":1}", "{\"a\":1,}", "[1,]", "[1 2]", "{\"a\" 1}", "{\"a\":}", "{1:2}", "[1]]", "[[1]", "{} {}",
        "{\"a\":[{\"b\":null}],\"c\":\"\\u0041\"}", "[1e400]", "nulll", "-0", "-01", "0.0e0", "\"\u007f\"", "[\"\\ud800\"]",
    };

    [Theory]
    [MemberData(nameof(Examples))]
    public void AgreesOnExamples(string json) => Assert.Equal(Theirs(Encoding.UTF8.GetBytes(json)), Ours(Encoding.UTF8.GetBytes(json)));

    [Fact]
    public void AgreesOnAnythingMadeOfPieces() => Prop.ForAll<int>(seed =>
    {
        Random random = new(seed);
        string json = string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => Pieces[random.Next(Pieces.Length)]));
        byte[] bytes = Encoding.UTF8.GetBytes(json);
        return Theirs(bytes) == Ours(bytes);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));

    [Fact]
    public void AgreesOnDamagedDocuments() => Prop.ForAll<int>(seed =>
    {
        Random random = new(seed);
        byte[] bytes = Encoding.UTF8.GetBytes(Document(random, 4));
        Assert.NotEqual("wrong", Theirs(bytes));
        if (Theirs(bytes) != Ours(bytes)) return false;
        bytes[random.Next(bytes.Length)] = (byte)random.Next(0x20, 0x7F);
        return Theirs(bytes) == Ours(bytes);
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Theory]
    [InlineData(64, true)]
    [InlineData(65, false)]
    public void DepthHasALimit(int depth, bool allowed)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(new string('[', depth) + new string(']', depth));
        Assert.Equal(allowed, Ours(bytes) != "wrong");
        Assert.Equal(Theirs(bytes), Ours(bytes));
    }

    [Theory]
    [InlineData("0", 0UL, true)]
    [InlineData("18446744073709551615", ulong.MaxValue, true)]
    [InlineData("18446744073709551616", 0UL, false)]
    [InlineData("-1", 0UL, false)]
    [InlineData("1.0", 1UL, true)]
    [InlineData("2e0", 2UL, true)]
    [InlineData("20E-1", 2UL, true)]
    [InlineData("0.200e+1", 2UL, true)]
    [InlineData("12.50e1", 125UL, true)]
    [InlineData("0e99999999999999999999", 0UL, true)]
    [InlineData("0.000", 0UL, true)]
    [InlineData("1844674407370955161.5e1", ulong.MaxValue, true)]
    [InlineData("1844674407370955161.6e1", 0UL, false)]
    [InlineData("1.00000000000000000000000000000000000001", 0UL, false)]
    [InlineData("1.00000000000000000000000000000000000000", 1UL, true)]
    [InlineData("12.5", 0UL, false)]
    [InlineData("1e-1", 0UL, false)]
    [InlineData("1e20", 0UL, false)]
    [InlineData("1e99999999999999999999", 0UL, false)]
    [InlineData("1e-99999999999999999999", 0UL, false)]
    public void IntegersAreExact(string json, ulong expected, bool isInteger)
    {
        var reader = new JsonReader(Encoding.UTF8.GetBytes(json));
        Assert.True(reader.Read());
        Assert.Equal(isInteger, reader.TryGetInteger(out ulong value));
        if (isInteger) Assert.Equal(expected, value);
    }

    [Fact]
    public void MistakesHaveALine()
    {
        var reader = new JsonReader("{\n \"a\": 1,\n oops }"u8);
        while (reader.Read()) { }
        Assert.Equal(JsonToken.None, reader.Token);
        Assert.Equal(3, reader.Line);
    }

    private static string Document(Random random, int depth)
    {
        switch (random.Next(depth == 0 ? 5 : 7))
        {
            case 0: return random.Next(-1000, 1000).ToString();
            case 1: return "true";
            case 2: return "null";
            case 3: return "\"" + new string('x', random.Next(4)) + "\\n\"";
            case 4: return (random.NextDouble() * 100).ToString("F2", System.Globalization.CultureInfo.InvariantCulture);
            case 5: return "[" + string.Join(" , ", Enumerable.Range(0, random.Next(4)).Select(_ => Document(random, depth - 1))) + "]";
            default: return "{ " + string.Join(",\n", Enumerable.Range(0, random.Next(4)).Select(i => $"\"n{i}\" : {Document(random, depth - 1)}")) + "}";
        }
    }

    private static string Theirs(byte[] json)
    {
        List<string> tokens = [];
        try
        {
            var reader = new Utf8JsonReader(json);
            while (reader.Read())
            {
                tokens.Add(reader.TokenType switch
                {
                    JsonTokenType.StartObject => "{",
                    JsonTokenType.EndObject => "}",
                    JsonTokenType.StartArray => "[",
                    JsonTokenType.EndArray => "]",
                    JsonTokenType.PropertyName => "name " + TheirText(ref reader),
                    JsonTokenType.String => "text " + TheirText(ref reader),
                    JsonTokenType.Number => "number " + Encoding.UTF8.GetString(reader.ValueSpan),
                    var other => other.ToString(),
                });
            }
        }
        catch (JsonException)
        {
            return "wrong";
        }
        return string.Join(" ", tokens);
    }

    private static string TheirText(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return "half a pair";
        }
    }

    private static string Ours(byte[] json)
    {
        List<string> tokens = [];
        var reader = new JsonReader(json);
        while (reader.Read())
        {
            string token = reader.Token switch
            {
                JsonToken.ObjectStart => "{",
                JsonToken.ObjectEnd => "}",
                JsonToken.ArrayStart => "[",
                JsonToken.ArrayEnd => "]",
                JsonToken.Name => "name " + OurText(ref reader),
                JsonToken.String => "text " + OurText(ref reader),
                JsonToken.Number => "number " + Encoding.UTF8.GetString(reader.Raw),
                JsonToken.End => null,
                var other => other.ToString(),
            };
            if (token != null) tokens.Add(token);
        }
        return reader.Token == JsonToken.End ? string.Join(" ", tokens) : "wrong";
    }

    private static string OurText(ref JsonReader reader)
    {
        byte[] buffer = new byte[1000];
        return reader.TryCopyText(buffer, out int length) ? Encoding.UTF8.GetString(buffer, 0, length) : "half a pair";
    }
}
