namespace Pocketvisor.Keeper.Profiles;

/// <summary>What <see cref="JsonReader.Read"/> found.</summary>
public enum JsonToken : byte
{
    /// <summary>Not read yet, or damaged.</summary>
    None,
    ObjectStart,
    ObjectEnd,
    ArrayStart,
    ArrayEnd,

    /// <summary>The name of an object's member; its value follows.</summary>
    Name,
    String,
    Number,
    True,
    False,
    Null,

    /// <summary>One whole value was read, and nothing but white space follows.</summary>
    End,
}
