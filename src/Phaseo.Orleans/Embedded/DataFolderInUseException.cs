namespace Phaseo.Orleans.Embedded;

/// <summary>Another process works on the data folder. Two would destroy each other's work, so the second one stops.</summary>
public sealed class DataFolderInUseException(string folder, Exception inner)
    : IOException($"Another phaseo process uses the data folder '{folder}'. Stop it, or choose another folder.", inner);
