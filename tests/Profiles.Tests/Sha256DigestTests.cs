namespace Pocketvisor.Profiles.Tests;

public class Sha256DigestTests
{
    /// <summary>FIPS 180-4's examples.</summary>
    [Fact]
    public void Pieces_count_together_and_resetting_begins_anew()
    {
        using var digest = new Sha256Digest();
        Span<byte> result = stackalloc byte[Pocketvisor.Flash.Digest.Bytes];
        digest.Append("what is forgotten"u8);
        digest.Reset();
        digest.Append("a"u8);
        digest.Append("bc"u8);
        digest.Finish(result);
        Assert.Equal("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", Convert.ToHexStringLower(result));

        digest.Reset();
        digest.Append("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"u8);
        digest.Finish(result);
        Assert.Equal("248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1", Convert.ToHexStringLower(result));
    }
}
