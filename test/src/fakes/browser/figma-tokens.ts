/**
 * Figma’s colour tokens in both themes, as far as the panel uses them, close to what Figma gives its plugins. The names are
 * Figma’s; a token that is missing here is missing in the picture, and a test says so.
 */
export type Theme = 'light' | 'dark';

type Tokens = Readonly<Record<string, string>>;

export const figmaTokens: Readonly<Record<Theme, Tokens>> = {
  light: {
    bg: '#ffffff',
    'bg-hover': '#f5f5f5',
    'bg-secondary': '#f5f5f5',
    'bg-selected': '#e5f4ff',
    'bg-disabled': '#d9d9d9',
    'bg-brand': '#0d99ff',
    'bg-brand-hover': '#007be5',
    'bg-brand-pressed': '#0768cf',
    text: 'rgba(0, 0, 0, 0.9)',
    'text-secondary': 'rgba(0, 0, 0, 0.5)',
    'text-disabled': 'rgba(0, 0, 0, 0.3)',
    'text-ondisabled': '#ffffff',
    'text-onbrand': '#ffffff',
    'text-brand': '#007be5',
    'text-danger': '#dc3412',
    icon: 'rgba(0, 0, 0, 0.9)',
    'icon-secondary': 'rgba(0, 0, 0, 0.5)',
    border: '#e6e6e6',
    'border-selected': '#0d99ff',
  },
  dark: {
    bg: '#2c2c2c',
    'bg-hover': '#383838',
    'bg-secondary': '#383838',
    'bg-selected': '#394360',
    'bg-disabled': '#757575',
    'bg-brand': '#0c8ce9',
    'bg-brand-hover': '#0a6dc2',
    'bg-brand-pressed': '#105cad',
    text: '#ffffff',
    'text-secondary': 'rgba(255, 255, 255, 0.7)',
    'text-disabled': 'rgba(255, 255, 255, 0.4)',
    'text-ondisabled': '#2c2c2c',
    'text-onbrand': '#ffffff',
    'text-brand': '#7cc4f8',
    'text-danger': '#fca397',
    icon: '#ffffff',
    'icon-secondary': 'rgba(255, 255, 255, 0.7)',
    border: '#444444',
    'border-selected': '#0c8ce9',
  },
};

/** The style that Figma puts on a plugin’s page with `themeColors`. */
export function tokenStyle(theme: Theme): string {
  const rules = Object.entries(figmaTokens[theme]).map(([name, value]) => `--figma-color-${name}: ${value};`);
  return `:root { ${rules.join(' ')} }`;
}
