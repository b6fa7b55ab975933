"""One file per e-mail: each takes plain values and returns a Message."""
