"""Prompts on screen, one module each; `cockpit.ui.run.dialogs` is their register."""
