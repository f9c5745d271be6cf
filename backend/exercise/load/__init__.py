"""Load: constant arrival rates, latencies that omit nothing, the rate at which a backend breaks, and a picture."""
