"""Types and rules of selling on Allegro; standard library only."""
