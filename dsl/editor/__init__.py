"""What an editor asks of a program: pure answers over offsets; the protocol is the shell's."""
