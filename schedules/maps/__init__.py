"""Maps: verdicts and final losses over two hyperparameters."""
