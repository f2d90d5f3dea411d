// Mounts the form in the place of the one to read that the server wrote; that one comes back where the form cannot be shown.
import createCache from "@emotion/cache";
import { CacheProvider } from "@emotion/react";
import { ThemeProvider } from "@mui/material/styles";
import { AdapterDayjs } from "@mui/x-date-pickers/AdapterDayjs";
import { LocalizationProvider } from "@mui/x-date-pickers/LocalizationProvider";
import { frFR } from "@mui/x-date-pickers/locales";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import dayjs from "dayjs";
import "dayjs/locale/fr";
import { Component, type ReactNode } from "react";
import { createRoot } from "react-dom/client";
import { Form, open } from "./form";
import { given, text } from "./given";
import { theme } from "./theme";

const place = document.getElementById("form")!;
const toRead = document.getElementById("to-read")!;
const nonce = document.querySelector<HTMLScriptElement>("script[data-form]")!.nonce;
const cache = createCache({ key: "f", nonce, prepend: true });
const localeText = given.language === "fr" ? frFR.components.MuiLocalizationProvider.defaultProps.localeText : undefined;
const client = new QueryClient({ defaultOptions: { queries: { refetchOnWindowFocus: false, retry: false } } });

function apologise(error: unknown) {
  console.warn(error);
  toRead.hidden = false;
  const sentence = document.createElement("p");
  sentence.setAttribute("role", "alert");
  sentence.className = "verdict invalid";
  sentence.textContent = text("cannot_show");
  toRead.before(sentence);
}

class Careful extends Component<{ children: ReactNode }> {
  override state = { failed: false };
  static getDerivedStateFromError() {
    return { failed: true };
  }
  override componentDidCatch(error: unknown) {
    apologise(error);
  }
  override render() {
    return this.state.failed ? null : this.props.children;
  }
}

async function show() {
  dayjs.locale(given.language);
  await open();
  createRoot(place).render(
    <Careful>
      <CacheProvider value={cache}>
        <ThemeProvider theme={theme()}>
          <LocalizationProvider dateAdapter={AdapterDayjs} localeText={localeText}>
            <QueryClientProvider client={client}>
              <Form />
            </QueryClientProvider>
          </LocalizationProvider>
        </ThemeProvider>
      </CacheProvider>
    </Careful>,
  );
  toRead.hidden = true;
  place.hidden = false;
}

show().catch(apologise);
