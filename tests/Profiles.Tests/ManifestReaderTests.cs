using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pocketvisor.Profiles.Tests;

/// <summary>A user's mistake in profile.json gets a sentence that names the file, the field and what is allowed.</summary>
public class ManifestReaderTests
{
    private const string Minimal = """{ "version": 2, "name": "work", "memory": "384M", "kernel": "vmlinuz" }""";

    private static readonly string Digest = new('5', 64);

    private static readonly JsonElement Schema =
        JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "profile.schema.json"))).RootElement;

    [Fact]
    public void What_is_not_written_has_its_default()
    {
        var manifest = ManifestReader.Read("profile.json", Minimal);

        Assert.Equal(new ProfileManifest { Name = "work", Memory = new MemorySize(384 << 20), Kernel = "vmlinuz" }, manifest);
        Assert.Equal((1, 100, true, null, ""), (manifest.Cores, manifest.Weight, manifest.Autostart, manifest.Initrd, manifest.CommandLine));
        Assert.Equal((Network.Outside, null, Autorestart.Never), (manifest.Network, manifest.Mac, manifest.Autorestart));
        Assert.Empty(manifest.Disks);
        Assert.Empty(manifest.Sha256);
    }

    [Fact]
    public void Version_1_still_loads_and_has_no_network()
    {
        var manifest = ManifestReader.Read("profile.json", Minimal.Replace("2,", "1,"));

        Assert.Equal(new ProfileManifest { Name = "work", Memory = new MemorySize(384 << 20), Kernel = "vmlinuz", Network = Network.None }, manifest);
        Assert.Equal(manifest, ManifestReader.Read("profile.json", manifest.ToJson()));
    }

    [Theory]
    [InlineData("disks", "[]")]
    [InlineData("network", "\"outside\"")]
    [InlineData("mac", "\"02:11:22:33:44:55\"")]
    [InlineData("autorestart", "\"never\"")]
    [InlineData("sha256", "{}")]
    public void Version_1_has_none_of_the_new_fields(string field, string value)
    {
        var text = Minimal.Replace(" }", $", \"{field}\": {value} }}");

        Assert.Equal([$"work/profile.json: \"{field}\" is a field of version 2; set \"version\": 2."], Problems(text.Replace("2,", "1,")));
        ManifestReader.Read("profile.json", text);
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
            Disks = [new("root.img", true), new("home.img", false)],
            Network = Network.None,
            Mac = "02:11:22:33:44:5e",
            Autorestart = Autorestart.OnFailure,
            Sha256 = new Dictionary<string, string> { ["root.img"] = Digest, ["Image"] = Digest },
        };

        Assert.Equal(manifest, ManifestReader.Read("profile.json", manifest.ToJson()));
        Assert.Equal(manifest, ManifestReader.Read("profile.json", manifest.ToFile()));
        Assert.NotEqual(manifest, manifest with { Mac = null });
        Assert.DoesNotContain("\\u", manifest.ToJson());
    }

    [Theory]
    [InlineData("\"core\": 2", "unknown field \"core\"; did you mean \"cores\"?")]
    [InlineData("\"commandline\": \"\"", "unknown field \"commandline\"; did you mean \"commandLine\"?")]
    [InlineData("\"colour\": 2", "unknown field \"colour\"; the fields are version, name, cores, memory, kernel, initrd, commandLine, weight, autostart, disks, network, mac, autorestart, sha256.")]
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
    [InlineData("\"disks\": {}", "\"disks\" must be a list of at most 4, such as [ { \"file\": \"root.img\", \"readOnly\": false } ]; it is {}.")]
    [InlineData("\"disks\": [{}]", "\"disks[0].file\" is missing; \"disks[0].file\" must be the name of a file in the profile's folder: letters, digits, dots, hyphens, plus and underscores.")]
    [InlineData("\"disks\": [{\"file\":\"a\",\"size\":1}]", "\"disks[0]\" must be \"file\" and \"readOnly\", each once, and nothing else; it is {\"file\":\"a\",\"size\":1}.")]
    [InlineData("\"disks\": [{\"file\":\"a\",\"file\":\"b\"}]", "\"disks[0]\" must be \"file\" and \"readOnly\", each once, and nothing else; it is {\"file\":\"a\",\"file\":\"b\"}.")]
    [InlineData("\"disks\": [{\"file\":\"a\",\"readOnly\":1}]", "\"disks[0].readOnly\" must be true or false; it is 1.")]
    [InlineData("\"disks\": [{\"file\":\"a\"},{\"file\":\"A\"}]", "\"disks[1].file\" must be a file of its own; \"A\" is used already.")]
    [InlineData("\"disks\": [{\"file\":\"vmlinuz\"}]", "\"disks[0].file\" must be a file of its own; \"vmlinuz\" is used already.")]
    [InlineData("\"disks\": [{\"file\":\"profile.json\"}]", "\"disks[0].file\" must be a file of its own; \"profile.json\" is used already.")]
    [InlineData("\"network\": \"Outside\"", "\"network\" must be \"outside\" or \"none\"; it is \"Outside\".")]
    [InlineData("\"mac\": \"03:11:22:33:44:55\"", "\"mac\" must be six lower-case bytes such as \"02:11:22:33:44:55\", whose second digit is 2, 6, a or e; it is \"03:11:22:33:44:55\".")]
    [InlineData("\"autorestart\": true", "\"autorestart\" must be \"never\" or \"onFailure\"; it is true.")]
    [InlineData("\"sha256\": []", "\"sha256\" must be an object from file names to digests; it is [].")]
    [InlineData("\"sha256\": {\"vmlinuz\":\"5A\"}", "\"sha256.vmlinuz\" must be 64 lower-case hexadecimal digits; it is \"5A\".")]
    [InlineData("\"sha256\": {\"vmlinuz\":\"DIGEST\",\"vmlinuz\":\"DIGEST\"}", "\"sha256.vmlinuz\" is there twice; remove one.")]
    [InlineData("\"sha256\": {\"other\":\"DIGEST\"}, \"initrd\": \"i\"", "\"sha256\" names other, which is none of the profile's files; they are vmlinuz, i.")]
    [InlineData("\"sha256\": {\"a\":\"DIGEST\"}, \"disks\": [{\"file\":\"a\"}]", "\"sha256\" names a, a disk that is written; only a read-only one has a digest.")]
    public void A_wrong_field_is_named(string field, string problem)
    {
        var text = Minimal.Replace(" }", $", {field.Replace("DIGEST", Digest)} }}");

        Assert.Equal([$"work/profile.json: {problem}"], Problems(text));
    }

    [Theory]
    [InlineData("version", "\"version\" is missing; \"version\" must be 1 or 2.")]
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
        Assert.Equal(4, Problems("""{ "version": 3, "name": "Work", "memory": "3M", "kernel": "" }""").Count);
    }

    [Theory]
    [InlineData("""{"version":2,"name":"a\ud800","memory":"2M","kernel":"k"}""")]
    [InlineData("""{"version":2,"\udc00":1}""")]
    [InlineData("""{"version":2,"disks":[{"file":"\ud800x"}]}""")]
    [InlineData("""{"version":2,"sha256":{"\ud800":""}}""")]
    [InlineData("""{"$schema":"\ud800"}""")]
    public void Half_a_character_is_refused(string text) =>
        Assert.Equal(["work/profile.json: has half a character, an escape from \\ud800 to \\udfff without its other half; write the character itself."], Problems(text));

    [Theory]
    [InlineData("{ \"version\": 1,\n  name: 2 }", "not JSON at line 2, column 3; correct it there.")]
    [InlineData("", "not JSON at line 1, column 1; correct it there.")]
    [InlineData("[]", "must be one JSON object: { \"version\": 2, \"name\": … }.")]
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
    [InlineData("disks")]
    [InlineData("network")]
    [InlineData("mac")]
    [InlineData("autorestart")]
    [InlineData("sha256")]
    [InlineData("other")]
    public void The_schema_agrees(string field)
    {
        string[] values =
        [
            "0", "1", "1.0", "2", "8", "9", "1000", "1001", "-1", "0.5", "1e2", "true", "false", "null", "[]", "{}", "\"\"", "\"a\"", "\"1\"",
            "\"work\"", "\"Work\"", "\"handset\"", "\"a-b\"", "\"-a\"", "\"2M\"", "\"3M\"", "\"384M\"", "\"1G\"", "\"64G\"", "\"384m\"", "\"384 M\"", "\"M\"",
            "\"a/b\"", "\"..\"", "\"a b\"", "\"vmlinuz-6.1+x_y\"", "\"é\"", "\"a\\n\"", $"\"{new string('a', 31)}\"", $"\"{new string('a', 32)}\"",
            $"\"{new string('a', 1023)}\"", $"\"{new string('a', 1024)}\"",
            """[{"file":"a"}]""", """[{"file":"a","readOnly":true}]""", """[{"file":"a","readOnly":0}]""", """[{"readOnly":true}]""", """[{"file":"a","b":1}]""",
            """[{"file":"a/b"}]""", """["a"]""", "[{}]", """[{"file":"a"},{"file":"b"},{"file":"c"},{"file":"d"}]""",
            """[{"file":"a"},{"file":"b"},{"file":"c"},{"file":"d"},{"file":"e"}]""",
            "\"outside\"", "\"none\"", "\"None\"", "\"never\"", "\"onFailure\"", "\"on-failure\"",
            "\"02:11:22:33:44:5e\"", "\"02:11:22:33:44:5E\"", "\"01:11:22:33:44:55\"", "\"fe:11:22:33:44:55\"", "\"02:11:22:33:44\"", "\"02:11:22:33:44:55:66\"",
            $$"""{"vmlinuz":"{{Digest}}"}""", $$"""{"vmlinuz":"{{Digest}}0"}""", $$"""{"vmlinuz":"{{Digest[1..]}}F"}""", """{"vmlinuz":1}""",
        ];
        foreach (var version in new[] { 1, 2 })
            foreach (var value in values)
            {
                var json = JsonNode.Parse(Minimal)!.AsObject();
                json["version"] = version;
                json[field] = JsonNode.Parse(value);
                using var document = JsonDocument.Parse(json.ToJsonString());

                Assert.True(SmallSchema.Allows(Schema, document.RootElement) == IsRead(json.ToJsonString()), $"version {version}, {field}: {value}");
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
