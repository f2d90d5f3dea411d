// The renderer's theme with the system's fonts and our colours. It stays light: the renderer knows no dark scheme.
import { createTheme, type Theme } from "@mui/material/styles";
import { rendererThemeComponentOverrides, rendererThemeOptions } from "@aehrc/smart-forms-renderer";

const FONT = 'system-ui, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", sans-serif';

export function theme(): Theme {
  const options = rendererThemeOptions as Record<string, any>;
  const typography = JSON.parse(JSON.stringify(options.typography ?? {}), (name, value) => (name === "fontFamily" ? FONT : value));
  const palette = { ...options.palette, primary: { main: "#0b6259" }, text: { primary: "#1b272b", secondary: "#46555b", disabled: "#56646a" } };
  const made = createTheme({ ...options, palette, typography: { ...typography, fontFamily: FONT } });
  made.components = { ...rendererThemeComponentOverrides(made), MuiButtonBase: { defaultProps: { disableRipple: true } } };
  return made;
}
