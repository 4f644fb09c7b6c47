"""The network edge: nothing else opens a socket."""
