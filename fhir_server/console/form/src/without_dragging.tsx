// In place of dragging rows of a table, which inserts styles that the page's policy refuses and which no keyboard needs.
import type { ReactNode } from "react";

const still = { innerRef: () => undefined, droppableProps: {}, draggableProps: {}, dragHandleProps: {}, placeholder: null };
const resting = { isDragging: false, isDraggingOver: false };
type Shown = { children: (provided: typeof still, snapshot: typeof resting) => ReactNode };

export const DragDropContext = ({ children }: { children: ReactNode }) => <>{children}</>;
export const Droppable = ({ children }: Shown) => <>{children(still, resting)}</>;
export const Draggable = Droppable;
