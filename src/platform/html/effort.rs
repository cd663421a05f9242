//! [`Effort`]: what it takes to parse, clean and write HTML.

use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::{Attribute, ExpandedName, QualName, local_name, ns};
use std::borrow::Cow;
use std::cell::Cell;
use std::rc::Rc;

/// A consumer of the parser that builds no tree, and counts instead: the parser's looks at open elements, and what
/// inserting, moving, cleaning and writing the nodes would take. A unit is about 10 ns.
#[derive(Default)]
pub struct Effort {
    units: Cell<usize>,
    nodes: Cell<usize>,
    depth: Cell<usize>,
    /// The text since the last node.
    text: Escaped,
    /// The text that was misplaced in tables. All of it may end up together, before the table.
    moved_text: Escaped,
}

/// Text. Writing looks at all that follows for each character to be escaped (`write_escaped` in html5ever 0.40).
#[derive(Default)]
struct Escaped {
    length: Cell<usize>,
    escapes: Cell<usize>,
}

/// A node: its name, and its depth once it is inserted.
#[derive(Clone)]
pub struct Node(Rc<(QualName, Cell<usize>)>);

impl Escaped {
    fn add(&self, text: &str) {
        let is_escaped = |byte: &u8| matches!(byte, b'&' | 0xC2);
        self.length.set(self.length.get() + text.len());
        self.escapes
            .set(self.escapes.get() + text.bytes().filter(is_escaped).count());
    }

    /// 400 bytes are looked at in the time of a unit.
    fn units(&self) -> usize {
        self.length.get().saturating_mul(self.escapes.get()) / 400
    }
}

impl Effort {
    /// The units so far.
    pub fn total(&self) -> usize {
        self.units.get() + self.text.units() + self.moved_text.units()
    }

    /// The depth of the deepest element so far.
    pub fn depth(&self) -> usize {
        self.depth.get()
    }

    fn add(&self, units: usize) {
        self.units.set(self.units.get().saturating_add(units));
    }

    fn node(&self, name: QualName) -> Node {
        self.add(100 + self.text.units());
        self.text.length.set(0);
        self.text.escapes.set(0);
        self.nodes.set(self.nodes.get() + 1);
        Node(Rc::new((name, Cell::new(0))))
    }

    fn nameless(&self) -> Node {
        self.node(QualName::new(None, ns!(html), local_name!("")))
    }

    fn attributes(&self, attributes: &[Attribute]) {
        for attribute in attributes {
            let value = Escaped::default();
            value.add(&attribute.value);
            self.add(200 + value.units());
        }
    }

    fn insert(&self, parent: &Node, child: &NodeOrText<Node>, text: &Escaped) {
        match child {
            NodeOrText::AppendNode(Node(child)) => {
                child.1.set(parent.0.1.get() + 1);
                self.depth.set(self.depth.get().max(child.1.get()));
            }
            NodeOrText::AppendText(added) => {
                self.add(40);
                text.add(added);
            }
        }
    }

    /// A node is searched among all its siblings.
    fn search(&self) {
        self.add(self.nodes.get());
    }
}

impl TreeSink for Effort {
    type Handle = Node;
    type Output = Self;
    type ElemName<'a> = ExpandedName<'a>;

    fn finish(self) -> Self {
        self
    }

    fn parse_error(&self, _: Cow<'static, str>) {
        self.add(20);
    }

    fn get_document(&self) -> Node {
        self.nameless()
    }

    fn get_template_contents(&self, template: &Node) -> Node {
        template.clone()
    }

    fn set_quirks_mode(&self, _: QuirksMode) {}

    fn same_node(&self, one: &Node, other: &Node) -> bool {
        self.add(1);
        Rc::ptr_eq(&one.0, &other.0)
    }

    fn elem_name<'a>(&'a self, element: &'a Node) -> ExpandedName<'a> {
        self.add(1);
        element.0.0.expanded()
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, _: ElementFlags) -> Node {
        self.attributes(&attributes);
        self.node(name)
    }

    fn create_comment(&self, _: StrTendril) -> Node {
        self.nameless()
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Node {
        self.nameless()
    }

    fn append(&self, parent: &Node, child: NodeOrText<Node>) {
        self.insert(parent, &child, &self.text);
    }

    fn append_based_on_parent_node(&self, element: &Node, _: &Node, child: NodeOrText<Node>) {
        self.search();
        self.insert(element, &child, &self.moved_text);
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn append_before_sibling(&self, sibling: &Node, child: NodeOrText<Node>) {
        self.search();
        self.insert(sibling, &child, &self.moved_text);
    }

    fn add_attrs_if_missing(&self, _: &Node, attributes: Vec<Attribute>) {
        self.attributes(&attributes);
    }

    fn remove_from_parent(&self, _: &Node) {
        self.search();
    }

    fn reparent_children(&self, _: &Node, _: &Node) {
        self.search();
    }
}
