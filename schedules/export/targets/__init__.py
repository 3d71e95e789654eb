"""Export targets, one file each: `LIBRARY`, its name on screen, and `script`, which writes a run as a program for it."""
