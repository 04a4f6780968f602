Console.WriteLine("phaseo");
