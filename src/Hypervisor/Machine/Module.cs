// C# assigns every local before it reads it; clearing them first as well costs bytes and brings vector registers along.
[module: System.Runtime.CompilerServices.SkipLocalsInit]
