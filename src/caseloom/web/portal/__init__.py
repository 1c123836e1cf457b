"""The portal: the customer follows their matter in their own words, does their part, and says how it feels."""
