using Phaseo.Orleans.Silo;

await SiloHost.Build(new SiloOptions(), args).RunAsync();
