"""Pages for people, and the programs that write the generated parts of them."""
