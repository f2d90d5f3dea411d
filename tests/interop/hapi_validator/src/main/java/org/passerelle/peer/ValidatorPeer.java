package org.passerelle.peer;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.SingleValidationMessage;
import ca.uhn.fhir.validation.ValidationOptions;
import ca.uhn.fhir.validation.ValidationResult;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.instance.model.api.IBaseResource;

/**
 * HL7's validator, as a peer that answers line by line.
 *
 * Arguments: conformance resources (JSON) to load. Standard input: lines of FILE, SECONDS and optionally PROFILE, separated by tabs.
 * Each line is answered by one line of JSON: the issues of the first run, how long that took, and how many runs a second
 * followed in the SECONDS given (none where they are 0). One thread.
 */
public final class ValidatorPeer {
  private final FhirContext context = FhirContext.forR4();
  private final FhirValidator validator = context.newValidator();
  private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);

  public static void main(String[] arguments) throws Exception {
    ValidatorPeer peer = new ValidatorPeer(arguments);
    BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      peer.answer(line.split("\t"));
    }
  }

  private ValidatorPeer(String[] definitions) throws Exception {
    PrePopulatedValidationSupport own = new PrePopulatedValidationSupport(context);
    for (String file : definitions) {
      own.addResource((IBaseResource) context.newJsonParser().parseResource(Files.readString(Path.of(file))));
    }
    IValidationSupport[] chain = {
      own,
      new DefaultProfileValidationSupport(context),
      new CommonCodeSystemsTerminologyService(context),
      new InMemoryTerminologyServerValidationSupport(context),
      new SnapshotGeneratingValidationSupport(context)
    };
    validator.registerValidatorModule(new FhirInstanceValidator(new ValidationSupportChain(chain)));
  }

  private void answer(String[] asked) throws Exception {
    String text = Files.readString(Path.of(asked[0]));
    double seconds = Double.parseDouble(asked[1]);
    ValidationOptions options = new ValidationOptions();
    if (asked.length > 2 && !asked[2].isEmpty()) {
      options.addProfile(asked[2]);
    }
    long start = System.nanoTime();
    ValidationResult first = validator.validateWithResult(text, options);
    double firstSeconds = (System.nanoTime() - start) / 1e9;
    double rate = seconds > 0 ? rate(text, options, seconds) : 0;
    out.println(json(asked[0], first, firstSeconds, rate));
  }

  /** Runs a second, over the second half of the time; the first half warms up. */
  private double rate(String text, ValidationOptions options, double seconds) {
    repeat(text, options, seconds / 2);
    return repeat(text, options, seconds / 2);
  }

  private double repeat(String text, ValidationOptions options, double seconds) {
    long start = System.nanoTime();
    int runs = 0;
    double passed = 0;
    while (passed < seconds) {
      validator.validateWithResult(text, options);
      runs++;
      passed = (System.nanoTime() - start) / 1e9;
    }
    return runs / passed;
  }

  private static String json(String file, ValidationResult result, double seconds, double rate) {
    List<String> issues = new ArrayList<>();
    for (SingleValidationMessage message : result.getMessages()) {
      issues.add(String.format("{\"severity\": %s, \"location\": %s, \"text\": %s}",
          quoted(message.getSeverity().getCode()), quoted(message.getLocationString()), quoted(message.getMessage())));
    }
    return String.format(java.util.Locale.ROOT, "{\"file\": %s, \"seconds\": %.6f, \"rate\": %.3f, \"issues\": [%s]}",
        quoted(file), seconds, rate, String.join(", ", issues));
  }

  private static String quoted(String text) {
    if (text == null) {
      return "null";
    }
    StringBuilder quoted = new StringBuilder("\"");
    for (char one : text.toCharArray()) {
      if (one == '"' || one == '\\') {
        quoted.append('\\').append(one);
      } else if (one < ' ') {
        quoted.append(String.format("\\u%04x", (int) one));
      } else {
        quoted.append(one);
      }
    }
    return quoted.append('"').toString();
  }
}
