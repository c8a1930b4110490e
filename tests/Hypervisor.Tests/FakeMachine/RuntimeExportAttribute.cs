namespace System.Runtime;

/// <summary>Marks what assembly calls by name; here the tests are the assembly.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class RuntimeExportAttribute(string name) : Attribute
{
    public string Name { get; } = name;
}
