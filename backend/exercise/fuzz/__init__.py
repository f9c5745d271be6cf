"""Contract fuzz: thousands of requests, drawn from the contract and a seed, and every answer judged."""
