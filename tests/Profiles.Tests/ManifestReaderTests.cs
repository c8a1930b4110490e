using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pocketvisor.Profiles.Tests;

/// <summary>A user's mistake in profile.json gets a sentence that names the file, the field and what is allowed.</summary>
public class ManifestReaderTests
{
    private const string Minimal = """{ "version": 1, "name": "work", "memory": "384M", "kernel": "vmlinuz" }""";

    private static readonly JsonElement Schema =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "profile.schema.json"))).RootElement;

    [Fact]
    public void What_is_not_written_has_its_default()
    {
        var manifest = ManifestReader.Read("profile.json", Minimal);

        Assert.Equal(new ProfileManifest { Name = "work", Memory = new MemorySize(384 << 20), Kernel = "vmlinuz" }, manifest);
        Assert.Equal((1, 100, true, null, ""), (manifest.Cores, manifest.Weight, manifest.Autostart, manifest.Initrd, manifest.CommandLine));
    }

    [Fact]
    public void Everything_written_is_read_and_survives_being_written_again()
    {
        var manifest = new ProfileManifest
        {
            Name = "work-2",
            Cores = 8,
            Memory = new MemorySize(2L << 30),
            Kernel = "Image",
            Initrd = "initrd.img",
            CommandLine = "console=ttyAMA0 motd='a<b>&\"c\"\\d'",
            Weight = 1000,
            Autostart = false,
        };

        Assert.Equal(manifest, ManifestReader.Read("profile.json", manifest.ToJson()));
        Assert.DoesNotContain("\\u", manifest.ToJson());
    }

    [Theory]
    [InlineData("\"core\": 2", "unknown field \"core\"; did you mean \"cores\"?")]
    [InlineData("\"commandline\": \"\"", "unknown field \"commandline\"; did you mean \"commandLine\"?")]
    [InlineData("\"colour\": 2", "unknown field \"colour\"; the fields are version, name, cores, memory, kernel, initrd, commandLine, weight, autostart.")]
    [InlineData("\"cores\": 0", "\"cores\" must be a whole number from 1 to 8; it is 0.")]
    [InlineData("\"cores\": 9", "\"cores\" must be a whole number from 1 to 8; it is 9.")]
    [InlineData("\"cores\": 1.5", "\"cores\" must be a whole number from 1 to 8; it is 1.5.")]
    [InlineData("\"cores\": \"2\"", "\"cores\" must be a whole number from 1 to 8; it is \"2\".")]
    [InlineData("\"cores\": null", "\"cores\" must be a whole number from 1 to 8; it is null.")]
    [InlineData("\"weight\": 1001", "\"weight\" must be a whole number from 1 to 1000; it is 1001.")]
    [InlineData("\"autostart\": \"yes\"", "\"autostart\" must be true or false; it is \"yes\".")]
    [InlineData("\"initrd\": \"../initrd\"", "\"initrd\" must be the name of a file in the profile's folder: letters, digits, dots, hyphens, plus and underscores; it is \"../initrd\".")]
    [InlineData("\"commandLine\": \"a\\nb\"", "\"commandLine\" must be at most 1023 printable ASCII characters; it is \"a\\nb\".")]
    [InlineData("\"name\": \"home\"", "\"name\" is there twice; remove one.")]
    public void A_wrong_field_is_named(string field, string problem)
    {
        var text = Minimal.Replace(" }", $", {field} }}");

        Assert.Equal([$"work/profile.json: {problem}"], Problems(text));
    }

    [Theory]
    [InlineData("version", "\"version\" is missing; \"version\" must be 1.")]
    [InlineData("name", "\"name\" is missing; \"name\" must be a lower-case letter, then up to 30 lower-case letters, digits or hyphens (and not \"handset\").")]
    [InlineData("memory", "\"memory\" is missing; \"memory\" must be a number with M or G, from 2M to 64G and a multiple of 2M, such as \"384M\".")]
    [InlineData("kernel", "\"kernel\" is missing; \"kernel\" must be the name of a file in the profile's folder: letters, digits, dots, hyphens, plus and underscores.")]
    public void A_missing_field_is_named(string field, string problem)
    {
        var json = JsonNode.Parse(Minimal)!.AsObject();
        json.Remove(field);

        Assert.Equal([$"work/profile.json: {problem}"], Problems(json.ToJsonString()));
    }

    [Fact]
    public void All_problems_come_at_once()
    {
        Assert.Equal(4, Problems("""{ "version": 2, "name": "Work", "memory": "3M", "kernel": "" }""").Count);
    }

    [Theory]
    [InlineData("{ \"version\": 1,\n  name: 2 }", "not JSON at line 2, column 3; correct it there.")]
    [InlineData("", "not JSON at line 1, column 1; correct it there.")]
    [InlineData("[]", "must be one JSON object: { \"version\": 1, \"name\": … }.")]
    public void What_is_no_object_is_refused(string text, string problem) => Assert.Equal([$"work/profile.json: {problem}"], Problems(text));

    /// <summary>The published schema and the reader are two descriptions of one format: they must agree on every value here.</summary>
    [Theory]
    [InlineData("$schema")]
    [InlineData("version")]
    [InlineData("name")]
    [InlineData("cores")]
    [InlineData("memory")]
    [InlineData("kernel")]
    [InlineData("initrd")]
    [InlineData("commandLine")]
    [InlineData("weight")]
    [InlineData("autostart")]
    [InlineData("other")]
    public void The_schema_agrees(string field)
    {
        string[] values =
        [
            "0", "1", "1.0", "2", "8", "9", "1000", "1001", "-1", "0.5", "1e2", "true", "false", "null", "[]", "{}", "\"\"", "\"a\"", "\"1\"",
            "\"work\"", "\"Work\"", "\"handset\"", "\"a-b\"", "\"-a\"", "\"2M\"", "\"3M\"", "\"384M\"", "\"1G\"", "\"64G\"", "\"384m\"", "\"384 M\"", "\"M\"",
            "\"a/b\"", "\"..\"", "\"a b\"", "\"vmlinuz-6.1+x_y\"", "\"é\"", "\"a\\n\"", $"\"{new string('a', 31)}\"", $"\"{new string('a', 32)}\"",
            $"\"{new string('a', 1023)}\"", $"\"{new string('a', 1024)}\"",
        ];
        foreach (var value in values)
        {
            var json = JsonNode.Parse(Minimal)!.AsObject();
            json[field] = JsonNode.Parse(value);
            using var document = JsonDocument.Parse(json.ToJsonString());

            Assert.True(SmallSchema.Allows(Schema, document.RootElement) == IsRead(json.ToJsonString()), $"{field}: {value}");
        }
    }

    private static bool IsRead(string json)
    {
        try
        {
            ManifestReader.Read("profile.json", json);
            return true;
        }
        catch (ProfileException)
        {
            return false;
        }
    }

    private static IReadOnlyList<string> Problems(string text) => Assert.Throws<ProfileException>(() => ManifestReader.Read("work/profile.json", text)).Problems;
}
