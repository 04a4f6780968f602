using Phaseo.Orleans.Silo;

var app = SiloHost.Build(new SiloOptions(), args);
using var guard = StopGuard.Watch(app.Services);
await app.RunAsync();
