"""HTTP byte for byte, where no library would write what has to be sent."""
