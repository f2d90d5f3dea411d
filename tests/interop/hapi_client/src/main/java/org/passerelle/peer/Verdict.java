package org.passerelle.peer;

import ca.uhn.fhir.rest.server.exceptions.BaseServerResponseException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** What came of each step, in order, printed as one JSON object: "ok", or what was wrong. */
final class Verdict {
    interface Step {
        void run() throws Exception;
    }

    private final Map<String, String> told = new LinkedHashMap<>();

    void step(String name, Step step) {
        try {
            step.run();
            told.put(name, "ok");
        } catch (Throwable error) {
            told.put(name, error + at(error));
        }
    }

    /** The exception that the step must raise, with an OperationOutcome that has an issue. */
    static <E extends BaseServerResponseException> E refused(Class<E> kind, Step step) throws Exception {
        try {
            step.run();
        } catch (BaseServerResponseException error) {
            if (!kind.isInstance(error)) {
                throw error;
            }
            check(error.getOperationOutcome() != null, "no OperationOutcome with " + error);
            return kind.cast(error);
        }
        throw new AssertionError("was not refused with " + kind.getSimpleName());
    }

    static void check(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    static void same(Object expected, Object found) {
        check(Objects.equals(expected, found), "expected " + expected + ", found " + found);
    }

    void print() {
        System.out.println(told.entrySet().stream()
                .map(entry -> quoted(entry.getKey()) + ": " + quoted(entry.getValue()))
                .collect(Collectors.joining(", ", "{", "}")));
    }

    private static String at(Throwable error) {
        for (StackTraceElement one : error.getStackTrace()) {
            if (one.getClassName().startsWith("org.passerelle") && !one.getClassName().contains("Verdict")) {
                return " at line " + one.getLineNumber();
            }
        }
        return "";
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replaceAll("\\p{Cntrl}", " ") + '"';
    }
}
