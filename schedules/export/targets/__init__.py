"""Export targets, one file each: a function `script` that writes a run as a program for one library."""
